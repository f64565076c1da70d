require "vnd.example.unheard";
fileinto "a";
frobnicate;
if header :nothing "a" "b" { keep; }
