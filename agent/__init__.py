"""The LangChain agent."""
