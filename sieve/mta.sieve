# Run for every message, whoever it is for. A user's own keep outranks a discard here; a hold, a reject and a
# jettison don't give way to it.
require ["hold", "reject", "jettison"];

# Whoever wants to see a message held puts this into its subject.
if header :contains "Subject" "[hold-me]" {
    hold "the subject asks for it";
    stop;
}

# Chain letters go back to whoever sends them, while the client is still on the line.
if header :matches "Subject" "*forward this to * friends*" {
    reject "We don't take chain letters.";
    stop;
}

# Reports of our own monitoring that nobody reads.
if allof (header :is "X-Monitor" "heartbeat", header :is "Auto-Submitted" "auto-generated") {
    discard;
    stop;
}

# Text that only a mass mailer leaves behind is dropped, whatever a user's script says.
if header :contains "X-Mailer" "BulkBlaster" {
    jettison;
}
