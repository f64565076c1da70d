require "extlists"; redirect :list ":addrbook:foes";
