"""What every room of the service stands on: languages, problems, paging, conditional answers."""
