require "FileInto"; fileinto "x";
