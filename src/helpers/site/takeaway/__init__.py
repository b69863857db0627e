"""The book to take away, made from the built site: an EPUB and a PDF. Needs a Chromium, and does not import JAX.

A Chromium reads the site's pages, since it is the one program here that reads HTML, SVG and MathML as the site's
readers do: ``prepare.js`` takes what only works on the site out of a page, and the browser writes well-formed XHTML or
prints.
"""
