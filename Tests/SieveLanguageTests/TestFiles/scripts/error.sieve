require "ihave";
if not ihave "vnd.example.unheard" { error "not here"; }
