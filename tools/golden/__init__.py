"""Writers of golden numbers, one module per kind of checkpoint. Run by `make_golden.py`."""
