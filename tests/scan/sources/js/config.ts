export const CONFIG = {
  MESIBO_API_URL: 'https://api.mesibo.com/api.php',
};
