"""LLRP 1.1 (EPCglobal, 2010): fixed radio readers over TCP, and one that only pretends."""
