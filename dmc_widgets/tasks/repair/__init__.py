"""Repairs: failed records are mended, and tried again within their own task.

:mod:`.mending` leads from failed records to what was changed in them, by file, table or
value; :mod:`.running` tries them again, or checks what would become of them.
"""
