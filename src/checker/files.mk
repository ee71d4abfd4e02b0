# Files of checker/.
checker_sources =
