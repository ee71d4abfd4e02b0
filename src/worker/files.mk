# Files of worker/.
worker_sources =
