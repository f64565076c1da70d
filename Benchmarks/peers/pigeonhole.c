// SPDX-License-Identifier: MIT
//
// What one compilation and one evaluation of a Sieve script cost inside Dovecot's Sieve library, as Debian
// ships it: a loop around the library's own calls, so that starting a process isn't measured. sieve.py builds
// and runs it.
//
//     pigeonhole -c CONFIG SCRIPT MESSAGE ITERATIONS COMPILATIONS
//
// Prints one line of JSON: microseconds of processor time for compiling, for evaluating on one open message,
// and for opening the message from memory and evaluating; and how many octets of results were printed in all,
// to see that the work was done. Dovecot's libraries refuse root.
#include <dovecot/config.h>
#include <dovecot/lib.h>
#include <dovecot/array.h>
#include <dovecot/istream.h>
#include <dovecot/mail-namespace.h>
#include <dovecot/mail-storage-service.h>
#include <dovecot/mail-storage.h>
#include <dovecot/mail-user.h>
#include <dovecot/master-service.h>
#include <dovecot/message-address.h>
#include <dovecot/ostream.h>
#include <dovecot/smtp-address.h>
#include <dovecot/str.h>

#include <dovecot/sieve/mail-raw.h>
#include <dovecot/sieve/sieve-error.h>
#include <dovecot/sieve/sieve.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double processor_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static string_t *contents(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		i_fatal("%s can't be read", path);
	string_t *text = str_new(default_pool, 65536);
	char piece[4096];
	size_t count;
	while ((count = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_append(text, piece, count);
	fclose(file);
	return text;
}

static const char *home_directory(void *context ATTR_UNUSED)
{
	return "/";
}

// What a script may use beyond what Dovecot allows by itself.
static const char *setting(void *context ATTR_UNUSED, const char *name)
{
	return strcmp(name, "sieve_extensions") == 0 ? "+editheader" : NULL;
}

struct run {
	struct sieve_instance *instance;
	struct sieve_binary *program;
	struct sieve_script_env environment;
	struct sieve_exec_status status;
	struct sieve_error_handler *errors;
	struct mail_user *raw_user;
	string_t *message;
	unsigned long long printed;
};

static void evaluate(struct run *run, struct mail_raw *raw)
{
	struct sieve_message_data data;
	i_zero(&data);
	data.mail = raw->mail;
	data.id = "<4711@sender.example>";
	data.envelope.mail_from = smtp_address_create_temp("kim", "sender.example");
	data.envelope.rcpt_to = smtp_address_create_temp("robin", "receiver.example");
	i_zero(&run->status);
	run->environment.exec_status = &run->status;

	string_t *result = t_str_new(256);
	struct ostream *output = o_stream_create_buffer(result);
	if (sieve_test(run->program, &data, &run->environment, run->errors, output, 0) <= 0)
		i_fatal("the script failed on the message");
	o_stream_destroy(&output);
	run->printed += str_len(result);
}

int main(int argc, char *argv[])
{
	master_service = master_service_init(
		"pigeonhole", MASTER_SERVICE_FLAG_STANDALONE | MASTER_SERVICE_FLAG_DONT_SEND_STATS |
		MASTER_SERVICE_FLAG_NO_SSL_INIT, &argc, &argv, "");
	if (master_getopt(master_service) > 0)
		return 2;
	argc -= optind;
	argv += optind;
	if (argc != 4)
		i_fatal("usage: pigeonhole -c CONFIG SCRIPT MESSAGE ITERATIONS COMPILATIONS");
	long iterations = atol(argv[2]);
	long compilations = atol(argv[3]);

	struct mail_storage_service_ctx *storage = mail_storage_service_init(
		master_service, NULL, MAIL_STORAGE_SERVICE_FLAG_NO_LOG_INIT | MAIL_STORAGE_SERVICE_FLAG_NO_CHDIR |
		MAIL_STORAGE_SERVICE_FLAG_NO_RESTRICT_ACCESS);
	master_service_init_finish(master_service);

	struct mail_storage_service_input input;
	i_zero(&input);
	input.module = input.service = "mail";
	input.username = "nobody";
	struct mail_storage_service_user *service_user;
	struct mail_user *user;
	const char *problem;
	if (mail_storage_service_lookup_next(storage, &input, &service_user, &user, &problem) <= 0)
		i_fatal("no mail user: %s", problem);

	struct sieve_environment environment;
	i_zero(&environment);
	environment.hostname = "mx.receiver.example";
	environment.username = "nobody";
	environment.home_dir = "/";
	environment.base_dir = "/";
	environment.temp_dir = "/tmp";
	environment.location = SIEVE_ENV_LOCATION_MDA;
	environment.delivery_phase = SIEVE_DELIVERY_PHASE_DURING;
	const struct sieve_callbacks callbacks = { .get_homedir = home_directory, .get_setting = setting };

	struct run run;
	i_zero(&run);
	run.instance = sieve_init(&environment, &callbacks, NULL, FALSE);
	if (run.instance == NULL)
		i_fatal("the Sieve library doesn't start");
	run.errors = sieve_stderr_ehandler_create(run.instance, 0);
	run.raw_user = mail_raw_user_create(master_service, user);
	run.message = contents(argv[1]);
	if (sieve_script_env_init(&run.environment, user, &problem) < 0)
		i_fatal("no environment: %s", problem);
	run.environment.default_mailbox = "INBOX";

	double began = processor_seconds();
	for (long index = 0; index < compilations; index++) T_BEGIN {
		if (run.program != NULL)
			sieve_close(&run.program);
		run.program = sieve_compile(run.instance, argv[0], NULL, run.errors, 0, NULL);
		if (run.program == NULL)
			i_fatal("%s doesn't compile", argv[0]);
	} T_END;
	double compiling = processor_seconds() - began;

	struct mail_raw *raw = mail_raw_open_data(run.raw_user, run.message);
	// Once without counting, so that no page is met for the first time.
	T_BEGIN { evaluate(&run, raw); } T_END;
	began = processor_seconds();
	for (long index = 0; index < iterations; index++) T_BEGIN {
		evaluate(&run, raw);
	} T_END;
	double evaluating = processor_seconds() - began;
	mail_raw_close(&raw);

	began = processor_seconds();
	for (long index = 0; index < iterations; index++) T_BEGIN {
		raw = mail_raw_open_data(run.raw_user, run.message);
		evaluate(&run, raw);
		mail_raw_close(&raw);
	} T_END;
	double opening = processor_seconds() - began;

	printf("{\"compile_us\":%.2f,\"cpu_us_per_evaluation\":%.2f,\"cpu_us_with_reparse\":%.2f,"
	       "\"printed\":%llu}\n", compiling / compilations * 1e6, evaluating / iterations * 1e6,
	       opening / iterations * 1e6, run.printed);

	sieve_close(&run.program);
	sieve_error_handler_unref(&run.errors);
	sieve_deinit(&run.instance);
	mail_user_deinit(&run.raw_user);
	mail_user_deinit(&user);
	mail_storage_service_user_unref(&service_user);
	mail_storage_service_deinit(&storage);
	master_service_deinit(&master_service);
	return 0;
}
