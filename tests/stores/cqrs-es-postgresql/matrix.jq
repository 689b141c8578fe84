# Its order of all events is that of the streams.
sort_by(.stream, .version) | to_entries | map(.value + {position: (.key + 1)})
