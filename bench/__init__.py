"""Measurements that a change may be held against; they belong to the machine they ran on."""
