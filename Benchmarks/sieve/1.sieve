require ["fileinto", "regex", "variables", "envelope", "body", "relational", "comparator-i;ascii-numeric",
    "date", "imap4flags", "editheader", "reject", "copy"];

# Rule 1
if header :contains "Subject" ["special offer 10", "lottery 10"] {
    fileinto "junk.10";
}
