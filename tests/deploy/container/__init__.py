"""The image and its containers, as tests/deploy/image tries them."""
