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

# Rule 41
if anyof (size :over 50M, header :is "Precedence" "bulk50") {
    fileinto "large";
}

# Rule 42
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "51" {
    addflag "\\Flagged";
}

# Rule 43
if header :count "ge" :comparator "i;ascii-numeric" "Received" "1052" {
    fileinto "loops";
    stop;
}

# Rule 44
if date :value "ge" "Date" "year" "2153" {
    discard;
}

# Rule 45
if hasflag :contains "label54" {
    fileinto "labels.54";
}

# Rule 46
if header :contains "List-Id" "<announce55." {
    addheader "X-Sorted" "announce 55";
    fileinto "announce";
}

# Rule 47
if allof (address :domain :matches "From" "*.spam56.example", not exists "X-Known") {
    reject "Mail from you isn't read here (56).";
}

# Rule 48
if header :contains "Subject" ["special offer 57", "lottery 57"] {
    fileinto "junk.57";
}

# Rule 49
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-58" {
    fileinto "junk";
    stop;
}

# Rule 50
if header :regex "Subject" "^(re|fwd?): .*ticket #59([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 51
if header :matches "Subject" "*[list-60]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 52
if address :is :domain "From" "partner61.example" {
    fileinto "partners.61";
}

# Rule 53
if address :all :contains ["To", "Cc"] "team62@" {
    fileinto :copy "team.62";
}

# Rule 54
if envelope :is "from" "bounces63@lists.example" {
    fileinto "bounces";
}

# Rule 55
if exists ["X-Campaign-64", "X-Mailer"] {
    discard;
}

# Rule 56
if anyof (size :over 65M, header :is "Precedence" "bulk65") {
    fileinto "large";
}

# Rule 57
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "66" {
    addflag "\\Flagged";
}

# Rule 58
if body :text :contains "click here to win 67" {
    fileinto "junk";
}

# Rule 59
if header :count "ge" :comparator "i;ascii-numeric" "Received" "1068" {
    fileinto "loops";
    stop;
}

# Rule 60
if date :value "ge" "Date" "year" "2169" {
    discard;
}

# Rule 61
if hasflag :contains "label70" {
    fileinto "labels.70";
}

# Rule 62
if header :contains "List-Id" "<announce71." {
    addheader "X-Sorted" "announce 71";
    fileinto "announce";
}

# Rule 63
if allof (address :domain :matches "From" "*.spam72.example", not exists "X-Known") {
    reject "Mail from you isn't read here (72).";
}

# Rule 64
if header :contains "Subject" ["special offer 73", "lottery 73"] {
    fileinto "junk.73";
}

# Rule 65
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-74" {
    fileinto "junk";
    stop;
}

# Rule 66
if header :regex "Subject" "^(re|fwd?): .*ticket #75([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 67
if header :matches "Subject" "*[list-76]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 68
if address :is :domain "From" "partner77.example" {
    fileinto "partners.77";
}

# Rule 69
if address :all :contains ["To", "Cc"] "team78@" {
    fileinto :copy "team.78";
}

# Rule 70
if envelope :is "from" "bounces79@lists.example" {
    fileinto "bounces";
}

# Rule 71
if exists ["X-Campaign-80", "X-Mailer"] {
    discard;
}

# Rule 72
if anyof (size :over 81M, header :is "Precedence" "bulk81") {
    fileinto "large";
}

# Rule 73
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "82" {
    addflag "\\Flagged";
}

# Rule 74
if header :count "ge" :comparator "i;ascii-numeric" "Received" "1083" {
    fileinto "loops";
    stop;
}

# Rule 75
if date :value "ge" "Date" "year" "2184" {
    discard;
}

# Rule 76
if hasflag :contains "label85" {
    fileinto "labels.85";
}

# Rule 77
if header :contains "List-Id" "<announce86." {
    addheader "X-Sorted" "announce 86";
    fileinto "announce";
}

# Rule 78
if body :text :contains "click here to win 87" {
    fileinto "junk";
}

# Rule 79
if allof (address :domain :matches "From" "*.spam88.example", not exists "X-Known") {
    reject "Mail from you isn't read here (88).";
}

# Rule 80
if header :contains "Subject" ["special offer 89", "lottery 89"] {
    fileinto "junk.89";
}

# Rule 81
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-90" {
    fileinto "junk";
    stop;
}

# Rule 82
if header :regex "Subject" "^(re|fwd?): .*ticket #91([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 83
if header :matches "Subject" "*[list-92]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 84
if address :is :domain "From" "partner93.example" {
    fileinto "partners.93";
}

# Rule 85
if address :all :contains ["To", "Cc"] "team94@" {
    fileinto :copy "team.94";
}

# Rule 86
if envelope :is "from" "bounces95@lists.example" {
    fileinto "bounces";
}

# Rule 87
if exists ["X-Campaign-96", "X-Mailer"] {
    discard;
}

# Rule 88
if anyof (size :over 97M, header :is "Precedence" "bulk97") {
    fileinto "large";
}

# Rule 89
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "98" {
    addflag "\\Flagged";
}

# Rule 90
if header :count "ge" :comparator "i;ascii-numeric" "Received" "1099" {
    fileinto "loops";
    stop;
}

# Rule 91
if date :value "ge" "Date" "year" "21100" {
    discard;
}

# Rule 92
if hasflag :contains "label101" {
    fileinto "labels.101";
}

# Rule 93
if header :contains "List-Id" "<announce102." {
    addheader "X-Sorted" "announce 102";
    fileinto "announce";
}

# Rule 94
if allof (address :domain :matches "From" "*.spam103.example", not exists "X-Known") {
    reject "Mail from you isn't read here (103).";
}

# Rule 95
if header :contains "Subject" ["special offer 104", "lottery 104"] {
    fileinto "junk.104";
}

# Rule 96
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-105" {
    fileinto "junk";
    stop;
}

# Rule 97
if header :regex "Subject" "^(re|fwd?): .*ticket #106([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 98
if body :text :contains "click here to win 107" {
    fileinto "junk";
}

# Rule 99
if header :matches "Subject" "*[list-108]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 100
if address :is :domain "From" "partner109.example" {
    fileinto "partners.109";
}

# Rule 101
if address :all :contains ["To", "Cc"] "team110@" {
    fileinto :copy "team.110";
}

# Rule 102
if envelope :is "from" "bounces111@lists.example" {
    fileinto "bounces";
}

# Rule 103
if exists ["X-Campaign-112", "X-Mailer"] {
    discard;
}

# Rule 104
if anyof (size :over 113M, header :is "Precedence" "bulk113") {
    fileinto "large";
}

# Rule 105
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "114" {
    addflag "\\Flagged";
}

# Rule 106
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10115" {
    fileinto "loops";
    stop;
}

# Rule 107
if date :value "ge" "Date" "year" "21116" {
    discard;
}

# Rule 108
if hasflag :contains "label117" {
    fileinto "labels.117";
}

# Rule 109
if header :contains "List-Id" "<announce118." {
    addheader "X-Sorted" "announce 118";
    fileinto "announce";
}

# Rule 110
if allof (address :domain :matches "From" "*.spam119.example", not exists "X-Known") {
    reject "Mail from you isn't read here (119).";
}

# Rule 111
if header :contains "Subject" ["special offer 120", "lottery 120"] {
    fileinto "junk.120";
}

# Rule 112
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-121" {
    fileinto "junk";
    stop;
}

# Rule 113
if header :regex "Subject" "^(re|fwd?): .*ticket #122([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 114
if header :matches "Subject" "*[list-123]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 115
if address :is :domain "From" "partner124.example" {
    fileinto "partners.124";
}

# Rule 116
if address :all :contains ["To", "Cc"] "team125@" {
    fileinto :copy "team.125";
}

# Rule 117
if envelope :is "from" "bounces126@lists.example" {
    fileinto "bounces";
}

# Rule 118
if body :text :contains "click here to win 127" {
    fileinto "junk";
}

# Rule 119
if exists ["X-Campaign-128", "X-Mailer"] {
    discard;
}

# Rule 120
if anyof (size :over 129M, header :is "Precedence" "bulk129") {
    fileinto "large";
}

# Rule 121
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "130" {
    addflag "\\Flagged";
}

# Rule 122
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10131" {
    fileinto "loops";
    stop;
}

# Rule 123
if date :value "ge" "Date" "year" "21132" {
    discard;
}

# Rule 124
if hasflag :contains "label133" {
    fileinto "labels.133";
}

# Rule 125
if header :contains "List-Id" "<announce134." {
    addheader "X-Sorted" "announce 134";
    fileinto "announce";
}

# Rule 126
if allof (address :domain :matches "From" "*.spam135.example", not exists "X-Known") {
    reject "Mail from you isn't read here (135).";
}

# Rule 127
if header :contains "Subject" ["special offer 136", "lottery 136"] {
    fileinto "junk.136";
}

# Rule 128
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-137" {
    fileinto "junk";
    stop;
}

# Rule 129
if header :regex "Subject" "^(re|fwd?): .*ticket #138([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 130
if header :matches "Subject" "*[list-139]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 131
if address :is :domain "From" "partner140.example" {
    fileinto "partners.140";
}

# Rule 132
if address :all :contains ["To", "Cc"] "team141@" {
    fileinto :copy "team.141";
}

# Rule 133
if envelope :is "from" "bounces142@lists.example" {
    fileinto "bounces";
}

# Rule 134
if exists ["X-Campaign-143", "X-Mailer"] {
    discard;
}

# Rule 135
if anyof (size :over 144M, header :is "Precedence" "bulk144") {
    fileinto "large";
}

# Rule 136
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "145" {
    addflag "\\Flagged";
}

# Rule 137
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10146" {
    fileinto "loops";
    stop;
}

# Rule 138
if body :text :contains "click here to win 147" {
    fileinto "junk";
}

# Rule 139
if date :value "ge" "Date" "year" "21148" {
    discard;
}

# Rule 140
if hasflag :contains "label149" {
    fileinto "labels.149";
}

# Rule 141
if header :contains "List-Id" "<announce150." {
    addheader "X-Sorted" "announce 150";
    fileinto "announce";
}

# Rule 142
if allof (address :domain :matches "From" "*.spam151.example", not exists "X-Known") {
    reject "Mail from you isn't read here (151).";
}

# Rule 143
if header :contains "Subject" ["special offer 152", "lottery 152"] {
    fileinto "junk.152";
}

# Rule 144
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-153" {
    fileinto "junk";
    stop;
}

# Rule 145
if header :regex "Subject" "^(re|fwd?): .*ticket #154([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 146
if header :matches "Subject" "*[list-155]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 147
if address :is :domain "From" "partner156.example" {
    fileinto "partners.156";
}

# Rule 148
if address :all :contains ["To", "Cc"] "team157@" {
    fileinto :copy "team.157";
}

# Rule 149
if envelope :is "from" "bounces158@lists.example" {
    fileinto "bounces";
}

# Rule 150
if exists ["X-Campaign-159", "X-Mailer"] {
    discard;
}

# Rule 151
if anyof (size :over 160M, header :is "Precedence" "bulk160") {
    fileinto "large";
}

# Rule 152
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "161" {
    addflag "\\Flagged";
}

# Rule 153
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10162" {
    fileinto "loops";
    stop;
}

# Rule 154
if date :value "ge" "Date" "year" "21163" {
    discard;
}

# Rule 155
if hasflag :contains "label164" {
    fileinto "labels.164";
}

# Rule 156
if header :contains "List-Id" "<announce165." {
    addheader "X-Sorted" "announce 165";
    fileinto "announce";
}

# Rule 157
if allof (address :domain :matches "From" "*.spam166.example", not exists "X-Known") {
    reject "Mail from you isn't read here (166).";
}

# Rule 158
if body :text :contains "click here to win 167" {
    fileinto "junk";
}

# Rule 159
if header :contains "Subject" ["special offer 168", "lottery 168"] {
    fileinto "junk.168";
}

# Rule 160
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-169" {
    fileinto "junk";
    stop;
}

# Rule 161
if header :regex "Subject" "^(re|fwd?): .*ticket #170([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 162
if header :matches "Subject" "*[list-171]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 163
if address :is :domain "From" "partner172.example" {
    fileinto "partners.172";
}

# Rule 164
if address :all :contains ["To", "Cc"] "team173@" {
    fileinto :copy "team.173";
}

# Rule 165
if envelope :is "from" "bounces174@lists.example" {
    fileinto "bounces";
}

# Rule 166
if exists ["X-Campaign-175", "X-Mailer"] {
    discard;
}

# Rule 167
if anyof (size :over 176M, header :is "Precedence" "bulk176") {
    fileinto "large";
}

# Rule 168
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "177" {
    addflag "\\Flagged";
}

# Rule 169
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10178" {
    fileinto "loops";
    stop;
}

# Rule 170
if date :value "ge" "Date" "year" "21179" {
    discard;
}

# Rule 171
if hasflag :contains "label180" {
    fileinto "labels.180";
}

# Rule 172
if header :contains "List-Id" "<announce181." {
    addheader "X-Sorted" "announce 181";
    fileinto "announce";
}

# Rule 173
if allof (address :domain :matches "From" "*.spam182.example", not exists "X-Known") {
    reject "Mail from you isn't read here (182).";
}

# Rule 174
if header :contains "Subject" ["special offer 183", "lottery 183"] {
    fileinto "junk.183";
}

# Rule 175
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-184" {
    fileinto "junk";
    stop;
}

# Rule 176
if header :regex "Subject" "^(re|fwd?): .*ticket #185([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 177
if header :matches "Subject" "*[list-186]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 178
if body :text :contains "click here to win 187" {
    fileinto "junk";
}

# Rule 179
if address :is :domain "From" "partner188.example" {
    fileinto "partners.188";
}

# Rule 180
if address :all :contains ["To", "Cc"] "team189@" {
    fileinto :copy "team.189";
}

# Rule 181
if envelope :is "from" "bounces190@lists.example" {
    fileinto "bounces";
}

# Rule 182
if exists ["X-Campaign-191", "X-Mailer"] {
    discard;
}

# Rule 183
if anyof (size :over 192M, header :is "Precedence" "bulk192") {
    fileinto "large";
}

# Rule 184
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "193" {
    addflag "\\Flagged";
}

# Rule 185
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10194" {
    fileinto "loops";
    stop;
}

# Rule 186
if date :value "ge" "Date" "year" "21195" {
    discard;
}

# Rule 187
if hasflag :contains "label196" {
    fileinto "labels.196";
}

# Rule 188
if header :contains "List-Id" "<announce197." {
    addheader "X-Sorted" "announce 197";
    fileinto "announce";
}

# Rule 189
if allof (address :domain :matches "From" "*.spam198.example", not exists "X-Known") {
    reject "Mail from you isn't read here (198).";
}

# Rule 190
if header :contains "Subject" ["special offer 199", "lottery 199"] {
    fileinto "junk.199";
}

# Rule 191
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-200" {
    fileinto "junk";
    stop;
}

# Rule 192
if header :regex "Subject" "^(re|fwd?): .*ticket #201([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 193
if header :matches "Subject" "*[list-202]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 194
if address :is :domain "From" "partner203.example" {
    fileinto "partners.203";
}

# Rule 195
if address :all :contains ["To", "Cc"] "team204@" {
    fileinto :copy "team.204";
}

# Rule 196
if envelope :is "from" "bounces205@lists.example" {
    fileinto "bounces";
}

# Rule 197
if exists ["X-Campaign-206", "X-Mailer"] {
    discard;
}

# Rule 198
if body :text :contains "click here to win 207" {
    fileinto "junk";
}

# Rule 199
if anyof (size :over 208M, header :is "Precedence" "bulk208") {
    fileinto "large";
}

# Rule 200
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "209" {
    addflag "\\Flagged";
}

# Rule 201
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10210" {
    fileinto "loops";
    stop;
}

# Rule 202
if date :value "ge" "Date" "year" "21211" {
    discard;
}

# Rule 203
if hasflag :contains "label212" {
    fileinto "labels.212";
}

# Rule 204
if header :contains "List-Id" "<announce213." {
    addheader "X-Sorted" "announce 213";
    fileinto "announce";
}

# Rule 205
if allof (address :domain :matches "From" "*.spam214.example", not exists "X-Known") {
    reject "Mail from you isn't read here (214).";
}

# Rule 206
if header :contains "Subject" ["special offer 215", "lottery 215"] {
    fileinto "junk.215";
}

# Rule 207
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-216" {
    fileinto "junk";
    stop;
}

# Rule 208
if header :regex "Subject" "^(re|fwd?): .*ticket #217([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 209
if header :matches "Subject" "*[list-218]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 210
if address :is :domain "From" "partner219.example" {
    fileinto "partners.219";
}

# Rule 211
if address :all :contains ["To", "Cc"] "team220@" {
    fileinto :copy "team.220";
}

# Rule 212
if envelope :is "from" "bounces221@lists.example" {
    fileinto "bounces";
}

# Rule 213
if exists ["X-Campaign-222", "X-Mailer"] {
    discard;
}

# Rule 214
if anyof (size :over 223M, header :is "Precedence" "bulk223") {
    fileinto "large";
}

# Rule 215
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "224" {
    addflag "\\Flagged";
}

# Rule 216
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10225" {
    fileinto "loops";
    stop;
}

# Rule 217
if date :value "ge" "Date" "year" "21226" {
    discard;
}

# Rule 218
if body :text :contains "click here to win 227" {
    fileinto "junk";
}

# Rule 219
if hasflag :contains "label228" {
    fileinto "labels.228";
}

# Rule 220
if header :contains "List-Id" "<announce229." {
    addheader "X-Sorted" "announce 229";
    fileinto "announce";
}

# Rule 221
if allof (address :domain :matches "From" "*.spam230.example", not exists "X-Known") {
    reject "Mail from you isn't read here (230).";
}

# Rule 222
if header :contains "Subject" ["special offer 231", "lottery 231"] {
    fileinto "junk.231";
}

# Rule 223
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-232" {
    fileinto "junk";
    stop;
}

# Rule 224
if header :regex "Subject" "^(re|fwd?): .*ticket #233([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 225
if header :matches "Subject" "*[list-234]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 226
if address :is :domain "From" "partner235.example" {
    fileinto "partners.235";
}

# Rule 227
if address :all :contains ["To", "Cc"] "team236@" {
    fileinto :copy "team.236";
}

# Rule 228
if envelope :is "from" "bounces237@lists.example" {
    fileinto "bounces";
}

# Rule 229
if exists ["X-Campaign-238", "X-Mailer"] {
    discard;
}

# Rule 230
if anyof (size :over 239M, header :is "Precedence" "bulk239") {
    fileinto "large";
}

# Rule 231
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "240" {
    addflag "\\Flagged";
}

# Rule 232
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10241" {
    fileinto "loops";
    stop;
}

# Rule 233
if date :value "ge" "Date" "year" "21242" {
    discard;
}

# Rule 234
if hasflag :contains "label243" {
    fileinto "labels.243";
}

# Rule 235
if header :contains "List-Id" "<announce244." {
    addheader "X-Sorted" "announce 244";
    fileinto "announce";
}

# Rule 236
if allof (address :domain :matches "From" "*.spam245.example", not exists "X-Known") {
    reject "Mail from you isn't read here (245).";
}

# Rule 237
if header :contains "Subject" ["special offer 246", "lottery 246"] {
    fileinto "junk.246";
}

# Rule 238
if body :text :contains "click here to win 247" {
    fileinto "junk";
}

# Rule 239
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-248" {
    fileinto "junk";
    stop;
}

# Rule 240
if header :regex "Subject" "^(re|fwd?): .*ticket #249([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 241
if header :matches "Subject" "*[list-250]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 242
if address :is :domain "From" "partner251.example" {
    fileinto "partners.251";
}

# Rule 243
if address :all :contains ["To", "Cc"] "team252@" {
    fileinto :copy "team.252";
}

# Rule 244
if envelope :is "from" "bounces253@lists.example" {
    fileinto "bounces";
}

# Rule 245
if exists ["X-Campaign-254", "X-Mailer"] {
    discard;
}

# Rule 246
if anyof (size :over 255M, header :is "Precedence" "bulk255") {
    fileinto "large";
}

# Rule 247
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "256" {
    addflag "\\Flagged";
}

# Rule 248
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10257" {
    fileinto "loops";
    stop;
}

# Rule 249
if date :value "ge" "Date" "year" "21258" {
    discard;
}

# Rule 250
if hasflag :contains "label259" {
    fileinto "labels.259";
}

# Rule 251
if header :contains "List-Id" "<announce260." {
    addheader "X-Sorted" "announce 260";
    fileinto "announce";
}

# Rule 252
if allof (address :domain :matches "From" "*.spam261.example", not exists "X-Known") {
    reject "Mail from you isn't read here (261).";
}

# Rule 253
if header :contains "Subject" ["special offer 262", "lottery 262"] {
    fileinto "junk.262";
}

# Rule 254
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-263" {
    fileinto "junk";
    stop;
}

# Rule 255
if header :regex "Subject" "^(re|fwd?): .*ticket #264([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 256
if header :matches "Subject" "*[list-265]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 257
if address :is :domain "From" "partner266.example" {
    fileinto "partners.266";
}

# Rule 258
if body :text :contains "click here to win 267" {
    fileinto "junk";
}

# Rule 259
if address :all :contains ["To", "Cc"] "team268@" {
    fileinto :copy "team.268";
}

# Rule 260
if envelope :is "from" "bounces269@lists.example" {
    fileinto "bounces";
}

# Rule 261
if exists ["X-Campaign-270", "X-Mailer"] {
    discard;
}

# Rule 262
if anyof (size :over 271M, header :is "Precedence" "bulk271") {
    fileinto "large";
}

# Rule 263
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "272" {
    addflag "\\Flagged";
}

# Rule 264
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10273" {
    fileinto "loops";
    stop;
}

# Rule 265
if date :value "ge" "Date" "year" "21274" {
    discard;
}

# Rule 266
if hasflag :contains "label275" {
    fileinto "labels.275";
}

# Rule 267
if header :contains "List-Id" "<announce276." {
    addheader "X-Sorted" "announce 276";
    fileinto "announce";
}

# Rule 268
if allof (address :domain :matches "From" "*.spam277.example", not exists "X-Known") {
    reject "Mail from you isn't read here (277).";
}

# Rule 269
if header :contains "Subject" ["special offer 278", "lottery 278"] {
    fileinto "junk.278";
}

# Rule 270
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-279" {
    fileinto "junk";
    stop;
}

# Rule 271
if header :regex "Subject" "^(re|fwd?): .*ticket #280([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 272
if header :matches "Subject" "*[list-281]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 273
if address :is :domain "From" "partner282.example" {
    fileinto "partners.282";
}

# Rule 274
if address :all :contains ["To", "Cc"] "team283@" {
    fileinto :copy "team.283";
}

# Rule 275
if envelope :is "from" "bounces284@lists.example" {
    fileinto "bounces";
}

# Rule 276
if exists ["X-Campaign-285", "X-Mailer"] {
    discard;
}

# Rule 277
if anyof (size :over 286M, header :is "Precedence" "bulk286") {
    fileinto "large";
}

# Rule 278
if body :text :contains "click here to win 287" {
    fileinto "junk";
}

# Rule 279
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "288" {
    addflag "\\Flagged";
}

# Rule 280
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10289" {
    fileinto "loops";
    stop;
}

# Rule 281
if date :value "ge" "Date" "year" "21290" {
    discard;
}

# Rule 282
if hasflag :contains "label291" {
    fileinto "labels.291";
}

# Rule 283
if header :contains "List-Id" "<announce292." {
    addheader "X-Sorted" "announce 292";
    fileinto "announce";
}

# Rule 284
if allof (address :domain :matches "From" "*.spam293.example", not exists "X-Known") {
    reject "Mail from you isn't read here (293).";
}

# Rule 285
if header :contains "Subject" ["special offer 294", "lottery 294"] {
    fileinto "junk.294";
}

# Rule 286
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-295" {
    fileinto "junk";
    stop;
}

# Rule 287
if header :regex "Subject" "^(re|fwd?): .*ticket #296([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 288
if header :matches "Subject" "*[list-297]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 289
if address :is :domain "From" "partner298.example" {
    fileinto "partners.298";
}

# Rule 290
if address :all :contains ["To", "Cc"] "team299@" {
    fileinto :copy "team.299";
}

# Rule 291
if envelope :is "from" "bounces300@lists.example" {
    fileinto "bounces";
}

# Rule 292
if exists ["X-Campaign-301", "X-Mailer"] {
    discard;
}

# Rule 293
if anyof (size :over 302M, header :is "Precedence" "bulk302") {
    fileinto "large";
}

# Rule 294
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "303" {
    addflag "\\Flagged";
}

# Rule 295
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10304" {
    fileinto "loops";
    stop;
}

# Rule 296
if date :value "ge" "Date" "year" "21305" {
    discard;
}

# Rule 297
if hasflag :contains "label306" {
    fileinto "labels.306";
}

# Rule 298
if body :text :contains "click here to win 307" {
    fileinto "junk";
}

# Rule 299
if header :contains "List-Id" "<announce308." {
    addheader "X-Sorted" "announce 308";
    fileinto "announce";
}

# Rule 300
if allof (address :domain :matches "From" "*.spam309.example", not exists "X-Known") {
    reject "Mail from you isn't read here (309).";
}

# Rule 301
if header :contains "Subject" ["special offer 310", "lottery 310"] {
    fileinto "junk.310";
}

# Rule 302
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-311" {
    fileinto "junk";
    stop;
}

# Rule 303
if header :regex "Subject" "^(re|fwd?): .*ticket #312([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 304
if header :matches "Subject" "*[list-313]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 305
if address :is :domain "From" "partner314.example" {
    fileinto "partners.314";
}

# Rule 306
if address :all :contains ["To", "Cc"] "team315@" {
    fileinto :copy "team.315";
}

# Rule 307
if envelope :is "from" "bounces316@lists.example" {
    fileinto "bounces";
}

# Rule 308
if exists ["X-Campaign-317", "X-Mailer"] {
    discard;
}

# Rule 309
if anyof (size :over 318M, header :is "Precedence" "bulk318") {
    fileinto "large";
}

# Rule 310
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "319" {
    addflag "\\Flagged";
}

# Rule 311
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10320" {
    fileinto "loops";
    stop;
}

# Rule 312
if date :value "ge" "Date" "year" "21321" {
    discard;
}

# Rule 313
if hasflag :contains "label322" {
    fileinto "labels.322";
}

# Rule 314
if header :contains "List-Id" "<announce323." {
    addheader "X-Sorted" "announce 323";
    fileinto "announce";
}

# Rule 315
if allof (address :domain :matches "From" "*.spam324.example", not exists "X-Known") {
    reject "Mail from you isn't read here (324).";
}

# Rule 316
if header :contains "Subject" ["special offer 325", "lottery 325"] {
    fileinto "junk.325";
}

# Rule 317
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-326" {
    fileinto "junk";
    stop;
}

# Rule 318
if body :text :contains "click here to win 327" {
    fileinto "junk";
}

# Rule 319
if header :regex "Subject" "^(re|fwd?): .*ticket #328([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 320
if header :matches "Subject" "*[list-329]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 321
if address :is :domain "From" "partner330.example" {
    fileinto "partners.330";
}

# Rule 322
if address :all :contains ["To", "Cc"] "team331@" {
    fileinto :copy "team.331";
}

# Rule 323
if envelope :is "from" "bounces332@lists.example" {
    fileinto "bounces";
}

# Rule 324
if exists ["X-Campaign-333", "X-Mailer"] {
    discard;
}

# Rule 325
if anyof (size :over 334M, header :is "Precedence" "bulk334") {
    fileinto "large";
}

# Rule 326
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "335" {
    addflag "\\Flagged";
}

# Rule 327
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10336" {
    fileinto "loops";
    stop;
}

# Rule 328
if date :value "ge" "Date" "year" "21337" {
    discard;
}

# Rule 329
if hasflag :contains "label338" {
    fileinto "labels.338";
}

# Rule 330
if header :contains "List-Id" "<announce339." {
    addheader "X-Sorted" "announce 339";
    fileinto "announce";
}

# Rule 331
if allof (address :domain :matches "From" "*.spam340.example", not exists "X-Known") {
    reject "Mail from you isn't read here (340).";
}

# Rule 332
if header :contains "Subject" ["special offer 341", "lottery 341"] {
    fileinto "junk.341";
}

# Rule 333
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-342" {
    fileinto "junk";
    stop;
}

# Rule 334
if header :regex "Subject" "^(re|fwd?): .*ticket #343([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 335
if header :matches "Subject" "*[list-344]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 336
if address :is :domain "From" "partner345.example" {
    fileinto "partners.345";
}

# Rule 337
if address :all :contains ["To", "Cc"] "team346@" {
    fileinto :copy "team.346";
}

# Rule 338
if body :text :contains "click here to win 347" {
    fileinto "junk";
}

# Rule 339
if envelope :is "from" "bounces348@lists.example" {
    fileinto "bounces";
}

# Rule 340
if exists ["X-Campaign-349", "X-Mailer"] {
    discard;
}

# Rule 341
if anyof (size :over 350M, header :is "Precedence" "bulk350") {
    fileinto "large";
}

# Rule 342
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "351" {
    addflag "\\Flagged";
}

# Rule 343
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10352" {
    fileinto "loops";
    stop;
}

# Rule 344
if date :value "ge" "Date" "year" "21353" {
    discard;
}

# Rule 345
if hasflag :contains "label354" {
    fileinto "labels.354";
}

# Rule 346
if header :contains "List-Id" "<announce355." {
    addheader "X-Sorted" "announce 355";
    fileinto "announce";
}

# Rule 347
if allof (address :domain :matches "From" "*.spam356.example", not exists "X-Known") {
    reject "Mail from you isn't read here (356).";
}

# Rule 348
if header :contains "Subject" ["special offer 357", "lottery 357"] {
    fileinto "junk.357";
}

# Rule 349
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-358" {
    fileinto "junk";
    stop;
}

# Rule 350
if header :regex "Subject" "^(re|fwd?): .*ticket #359([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 351
if header :matches "Subject" "*[list-360]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 352
if address :is :domain "From" "partner361.example" {
    fileinto "partners.361";
}

# Rule 353
if address :all :contains ["To", "Cc"] "team362@" {
    fileinto :copy "team.362";
}

# Rule 354
if envelope :is "from" "bounces363@lists.example" {
    fileinto "bounces";
}

# Rule 355
if exists ["X-Campaign-364", "X-Mailer"] {
    discard;
}

# Rule 356
if anyof (size :over 365M, header :is "Precedence" "bulk365") {
    fileinto "large";
}

# Rule 357
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "366" {
    addflag "\\Flagged";
}

# Rule 358
if body :text :contains "click here to win 367" {
    fileinto "junk";
}

# Rule 359
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10368" {
    fileinto "loops";
    stop;
}

# Rule 360
if date :value "ge" "Date" "year" "21369" {
    discard;
}

# Rule 361
if hasflag :contains "label370" {
    fileinto "labels.370";
}

# Rule 362
if header :contains "List-Id" "<announce371." {
    addheader "X-Sorted" "announce 371";
    fileinto "announce";
}

# Rule 363
if allof (address :domain :matches "From" "*.spam372.example", not exists "X-Known") {
    reject "Mail from you isn't read here (372).";
}

# Rule 364
if header :contains "Subject" ["special offer 373", "lottery 373"] {
    fileinto "junk.373";
}

# Rule 365
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-374" {
    fileinto "junk";
    stop;
}

# Rule 366
if header :regex "Subject" "^(re|fwd?): .*ticket #375([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 367
if header :matches "Subject" "*[list-376]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 368
if address :is :domain "From" "partner377.example" {
    fileinto "partners.377";
}

# Rule 369
if address :all :contains ["To", "Cc"] "team378@" {
    fileinto :copy "team.378";
}

# Rule 370
if envelope :is "from" "bounces379@lists.example" {
    fileinto "bounces";
}

# Rule 371
if exists ["X-Campaign-380", "X-Mailer"] {
    discard;
}

# Rule 372
if anyof (size :over 381M, header :is "Precedence" "bulk381") {
    fileinto "large";
}

# Rule 373
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "382" {
    addflag "\\Flagged";
}

# Rule 374
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10383" {
    fileinto "loops";
    stop;
}

# Rule 375
if date :value "ge" "Date" "year" "21384" {
    discard;
}

# Rule 376
if hasflag :contains "label385" {
    fileinto "labels.385";
}

# Rule 377
if header :contains "List-Id" "<announce386." {
    addheader "X-Sorted" "announce 386";
    fileinto "announce";
}

# Rule 378
if body :text :contains "click here to win 387" {
    fileinto "junk";
}

# Rule 379
if allof (address :domain :matches "From" "*.spam388.example", not exists "X-Known") {
    reject "Mail from you isn't read here (388).";
}

# Rule 380
if header :contains "Subject" ["special offer 389", "lottery 389"] {
    fileinto "junk.389";
}

# Rule 381
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-390" {
    fileinto "junk";
    stop;
}

# Rule 382
if header :regex "Subject" "^(re|fwd?): .*ticket #391([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 383
if header :matches "Subject" "*[list-392]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 384
if address :is :domain "From" "partner393.example" {
    fileinto "partners.393";
}

# Rule 385
if address :all :contains ["To", "Cc"] "team394@" {
    fileinto :copy "team.394";
}

# Rule 386
if envelope :is "from" "bounces395@lists.example" {
    fileinto "bounces";
}

# Rule 387
if exists ["X-Campaign-396", "X-Mailer"] {
    discard;
}

# Rule 388
if anyof (size :over 397M, header :is "Precedence" "bulk397") {
    fileinto "large";
}

# Rule 389
if header :value "gt" :comparator "i;ascii-numeric" "X-Priority" "398" {
    addflag "\\Flagged";
}

# Rule 390
if header :count "ge" :comparator "i;ascii-numeric" "Received" "10399" {
    fileinto "loops";
    stop;
}

# Rule 391
if date :value "ge" "Date" "year" "21400" {
    discard;
}

# Rule 392
if hasflag :contains "label401" {
    fileinto "labels.401";
}

# Rule 393
if header :contains "List-Id" "<announce402." {
    addheader "X-Sorted" "announce 402";
    fileinto "announce";
}

# Rule 394
if allof (address :domain :matches "From" "*.spam403.example", not exists "X-Known") {
    reject "Mail from you isn't read here (403).";
}

# Rule 395
if header :contains "Subject" ["special offer 404", "lottery 404"] {
    fileinto "junk.404";
}

# Rule 396
if header :is ["X-Spam-Flag", "X-Spam-Status"] "yes-405" {
    fileinto "junk";
    stop;
}

# Rule 397
if header :regex "Subject" "^(re|fwd?): .*ticket #406([0-9]+)$" {
    fileinto "tickets.${2}";
}

# Rule 398
if body :text :contains "click here to win 407" {
    fileinto "junk";
}

# Rule 399
if header :matches "Subject" "*[list-408]*" {
    set :lower "rest" "${2}";
    fileinto "lists.${rest}";
}

# Rule 400
if address :is :domain "From" "partner409.example" {
    fileinto "partners.409";
}
