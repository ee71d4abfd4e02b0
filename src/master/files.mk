# Files of master/.
master_sources =
