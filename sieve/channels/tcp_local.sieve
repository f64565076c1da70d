# For mail that comes in from outside, before mta.sieve.
require ["envelope", "fileinto"];

# A null sender belongs to reports (RFC 5321 section 4.5.5); one that says it has a human author is looked at first.
# "Review" is set to "hold" under [folders] in rules/postern.toml.
if allof (envelope :is "from" "", exists "X-Mailer") {
    fileinto "Review";
}
