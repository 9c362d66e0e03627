"""The words of the project as plain data. Imports nothing of ours."""
