# Files of recorder/.
recorder_sources =
