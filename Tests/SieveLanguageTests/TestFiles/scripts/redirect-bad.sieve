require "redirect-dsn";
redirect :notify "NEVER,DELAY" "carl@example.com";
