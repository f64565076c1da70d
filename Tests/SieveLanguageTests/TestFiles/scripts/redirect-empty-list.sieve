require "extlists"; redirect :list ":addrbook:empty";
