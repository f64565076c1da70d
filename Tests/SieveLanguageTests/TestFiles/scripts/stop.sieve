redirect "dora@example.net";
if true { stop; }
keep;
