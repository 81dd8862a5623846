"""Pure picture work, in folders by the order of the walk; imports between them go back only."""
