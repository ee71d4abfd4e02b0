# Files of etc.
EXTRA_DIST += etc/aigw.env.example etc/prices.conf
