"""What belongs to the workspace as a whole: notifications, and what it keeps."""
