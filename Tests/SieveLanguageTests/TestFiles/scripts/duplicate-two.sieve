require "duplicate";
if duplicate :header "from" :uniqueid "x" { keep; }
