/** The script, with names in capitals for what is made of the tables. */
declare const script: string;
export default script;
