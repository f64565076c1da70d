require "regex"; if header :regex "subject" "(open" { keep; }
