"""Shows the whole job on one machine: four small newspapers and a mail catcher for the real pipeline to work with."""
