frobnicate;
keep;
}
