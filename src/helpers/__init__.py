"""What the chapters of “Why Does Deep Learning Work?” share.

Two wings: how a chapter talks to its reader (``claims``, ``figures``), and what a chapter trains and measures
(``data``, ``networks``, ``training``). Import the module you need; this file imports nothing, so that the site
builds without JAX.
"""
