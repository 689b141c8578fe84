# A stream is a context and a purpose.
map(.stream |= sub("-"; "#"))
