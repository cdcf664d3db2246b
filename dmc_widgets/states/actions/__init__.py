"""What a person does on the page: functions that call the center and put its answers into the states."""
