"""Surveys as files: our own JSON, SurveyJS, XLSForm, and the translations of one as PO. Pure: no database, no clock."""
