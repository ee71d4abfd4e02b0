# Files of src/mock.
