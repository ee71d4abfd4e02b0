# Unit tests of the processes.
