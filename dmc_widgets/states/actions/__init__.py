"""What a person does on the page: functions that take the session of the dashboard.

They call the center and put its answers into the states. Errors of the center are
raised; the view shows them.
"""
