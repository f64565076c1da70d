require ["editheader", "encoded-character"];
addheader "X-A" "b${hex:00}c";
