"""descan: does a vision-language model fail to see an expression, or to label it?"""
