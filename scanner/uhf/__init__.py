"""UHF handhelds and reader modules that speak in frames of bytes, over a serial line or TCP."""
