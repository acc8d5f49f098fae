"""The letters of a case: kinds and wording as data, filling in, checking, setting as PDF and DOCX."""
