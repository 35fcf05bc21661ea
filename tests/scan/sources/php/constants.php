<?php
define('MESIBO_BASE', 'https://api.mesibo.com/api.php');
