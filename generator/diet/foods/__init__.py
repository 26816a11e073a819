"""Foods with their figures from USDA FoodData Central, dishes made of them, and what each is made of."""
