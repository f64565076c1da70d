require ["include", "variables"];
global "way";
set "way" "left";
return;
set "way" "stayed";
