package view

import _ "github.com/a-h/templ"
