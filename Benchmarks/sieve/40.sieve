require ["fileinto", "regex", "variables", "envelope", "body", "relational", "comparator-i;ascii-numeric",
    "date", "imap4flags", "editheader", "reject", "copy"];

# Rule 1
if header :contains "Subject" ["special offer 10", "lottery 10"] {
    fileinto "junk.10";
}

# Rule 2
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-11" {
    fileinto "junk";
    stop;
}

# Rule 3
if header :regex "Subject" "^(re|fwd?): .*ticket #12([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 4
if header :matches "Subject" "*[list-13]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 5
if address :is :domain "From" "partner14.example" {
    fileinto "partners.14";
}

# Rule 6
if address :all :contains ["To", "Cc"] "team15@" {
    fileinto :copy "team.15";
}

# Rule 7
if envelope :is "from" "bounces16@lists.example" {
    fileinto "bounces";
}

# Rule 8
if exists ["X-Campaign-17", "X-Mailer"] {
    discard;
}

# Rule 9
if anyof (size :over 18M, header :is "Precedence" "bulk18") {
    fileinto "large";
}

# Rule 10
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "19" {
    addflag "\\Flagged";
}

# Rule 11
if header :count "ge" :comparator "i;ascii-numeric" "Received" "1020" {
    fileinto "loops";
    stop;
}

# Rule 12
if date :value "ge" "Date" "year" "2121" {
    discard;
}

# Rule 13
if hasflag :contains "label22" {
    fileinto "labels.22";
}

# Rule 14
if header :contains "List-Id" "<announce23." {
    addheader "X-Sorted" "announce 23";
    fileinto "announce";
}

# Rule 15
if allof (address :domain :matches "From" "*.spam24.example", not exists "X-Known") {
    reject "Mail from you isn't read here (24).";
}

# Rule 16
if header :contains "Subject" ["special offer 25", "lottery 25"] {
    fileinto "junk.25";
}

# Rule 17
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-26" {
    fileinto "junk";
    stop;
}

# Rule 18
if body :text :contains "click here to win 27" {
    fileinto "junk";
}

# Rule 19
if header :regex "Subject" "^(re|fwd?): .*ticket #28([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 20
if header :matches "Subject" "*[list-29]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 21
if address :is :domain "From" "partner30.example" {
    fileinto "partners.30";
}

# Rule 22
if address :all :contains ["To", "Cc"] "team31@" {
    fileinto :copy "team.31";
}

# Rule 23
if envelope :is "from" "bounces32@lists.example" {
    fileinto "bounces";
}

# Rule 24
if exists ["X-Campaign-33", "X-Mailer"] {
    discard;
}

# Rule 25
if anyof (size :over 34M, header :is "Precedence" "bulk34") {
    fileinto "large";
}

# Rule 26
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "35" {
    addflag "\\Flagged";
}

# Rule 27
if header :count "ge" :comparator "i;ascii-numeric" "Received" "1036" {
    fileinto "loops";
    stop;
}

# Rule 28
if date :value "ge" "Date" "year" "2137" {
    discard;
}

# Rule 29
if hasflag :contains "label38" {
    fileinto "labels.38";
}

# Rule 30
if header :contains "List-Id" "<announce39." {
    addheader "X-Sorted" "announce 39";
    fileinto "announce";
}

# Rule 31
if allof (address :domain :matches "From" "*.spam40.example", not exists "X-Known") {
    reject "Mail from you isn't read here (40).";
}

# Rule 32
if header :contains "Subject" ["special offer 41", "lottery 41"] {
    fileinto "junk.41";
}

# Rule 33
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-42" {
    fileinto "junk";
    stop;
}

# Rule 34
if header :regex "Subject" "^(re|fwd?): .*ticket #43([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 35
if header :matches "Subject" "*[list-44]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 36
if address :is :domain "From" "partner45.example" {
    fileinto "partners.45";
}

# Rule 37
if address :all :contains ["To", "Cc"] "team46@" {
    fileinto :copy "team.46";
}

# Rule 38
if body :text :contains "click here to win 47" {
    fileinto "junk";
}

# Rule 39
if envelope :is "from" "bounces48@lists.example" {
    fileinto "bounces";
}

# Rule 40
if exists ["X-Campaign-49", "X-Mailer"] {
    discard;
}
