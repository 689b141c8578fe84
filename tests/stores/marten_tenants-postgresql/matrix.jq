# The library names its streams by a UUID.
map(.stream |= sub("^[A-Za-z]+-"; ""))
