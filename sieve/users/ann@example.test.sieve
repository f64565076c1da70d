# What ann wants for her own mail. The file's name is the recipient's address.

# A list that she has left, but that doesn't stop writing.
if header :contains "List-Id" "<announce.lists.example.net>" {
    discard;
    stop;
}

# Whatever the operator's scripts would discard, she keeps what her own office sends.
if address :domain :is "From" "example.test" {
    keep;
}
