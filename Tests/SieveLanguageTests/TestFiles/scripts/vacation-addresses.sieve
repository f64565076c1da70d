require "vacation"; vacation :addresses 7 "Away.";
