"""Readers: one format in, clean documents out.

A reader takes the root folder of one unpacked package and yields its documents as plain text, tidied.  It knows
nothing of downloads, arms or files written; corpus_builder.py does that.  What models learn to write is what comes
out of here, so a reader rather drops a doubtful paragraph than keeps it.

A change in any file of this folder makes every arm anew.
"""
