require ["include", "variables"];
set "late" "x";
global "late";
