require ["include", "variables"];
global "way";
set "way" "${way}g";
